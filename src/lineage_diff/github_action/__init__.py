"""The GitHub Action: derive an activity from the event, run it, and publish the result."""
