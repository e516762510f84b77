"""What is to happen and when: the gathering, its days, sessions, people, items and sources."""
