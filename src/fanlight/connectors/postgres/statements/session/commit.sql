-- End the transaction after a complete read.
COMMIT
