"""The commands, one file to a kind of work. Each imports what it needs when it runs: none waits for what it does not use."""
