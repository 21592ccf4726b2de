"""Tests of the rules and the verdict."""
