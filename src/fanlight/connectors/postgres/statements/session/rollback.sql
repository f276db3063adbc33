-- End the transaction after a read that broke off.
ROLLBACK
