-- Open the one transaction in which everything is read: one snapshot, and nothing can be written.
BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY
