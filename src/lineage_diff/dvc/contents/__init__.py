"""Hash what Git holds at the paths of stages, as DVC would."""
