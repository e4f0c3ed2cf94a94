"""Completing what a member types into an option of a command: what is proposed, and in which order. All pure."""
