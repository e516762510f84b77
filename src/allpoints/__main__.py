"""``python -m allpoints``: the same as the command ``allpoints``."""

from allpoints.app.command_line import main

if __name__ == "__main__":
    main()
