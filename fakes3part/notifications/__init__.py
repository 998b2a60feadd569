"""Delivers event notifications to queues, topics, functions and EventBridge, and remembers them."""
