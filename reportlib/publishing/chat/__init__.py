"""Telling chats of reports, and of alarms."""
