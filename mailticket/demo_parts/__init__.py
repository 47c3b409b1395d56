"""The parts of `mailticket demo`: who plays, their mail server, the daemon, the story and how it is told."""
