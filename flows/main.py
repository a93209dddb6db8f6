"""Where the command begins. It imports nothing at first, because each worker process imports the script that started the build."""


def main() -> None:
    """Run the command."""
    from flows.cli import main as run

    run()
