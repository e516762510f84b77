"""What is planned: the gathering, its file, its timetable, and its place in the database.

Nothing is handed on here: a stage that starts again needs the model at once and a database not at all.
"""
