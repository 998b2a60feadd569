"""The tests. Importing the package, which pytest does before any of them, makes the environment one that they can rely on."""

from tests.support import environment

environment.clean()
