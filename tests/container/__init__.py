"""The container, built and run as GitHub's runner does, and the workflows that use it."""
