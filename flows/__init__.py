"""Which steps run, when, how often retried, and in which processes. No text logic here."""
