"""Tests of the stand-in for GitHub that the tests of the Action use."""
