"""Parses, validates and matches policy documents: statements, principals, conditions, wildcards, actions."""
