"""How the gathering is: facts from every process in one place, alarms, metrics, and the public's status."""
