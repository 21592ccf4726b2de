"""The questions of the command line as tools for an assistant, by the Model Context Protocol.

The server starts a process for each question, so that a question can be ended.
"""
