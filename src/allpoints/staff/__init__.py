"""Who may run the gathering: for now the first-run secret of the control page."""
