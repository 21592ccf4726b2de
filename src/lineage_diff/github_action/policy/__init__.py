"""The policy that counts in a run."""
