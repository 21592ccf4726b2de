"""The pages of a folder of evidence: model card and Annex IV, as Markdown and HTML."""
