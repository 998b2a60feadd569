"""Parse, validate and match policy documents: statements, principals, conditions, wildcards, actions."""
