"""Tests of the room `action`."""
