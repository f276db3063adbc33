-- Go back to the mark: the transaction lives on, and locks taken since are given back.
ROLLBACK TO SAVEPOINT fanlight
