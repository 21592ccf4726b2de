"""Publish results on a forge: plain data, and one package for each kind of forge."""
