-- The first query of the transaction: from here on the server refuses to make it writable. It tells that
-- it is not.
SELECT current_setting('transaction_read_only'), current_setting('transaction_isolation')
