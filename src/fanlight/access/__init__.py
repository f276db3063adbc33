"""Who may do what: one enum, one table, one question."""
