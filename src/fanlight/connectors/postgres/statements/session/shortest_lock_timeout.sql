-- The same once many tables were found locked in this run, so that waiting stays bounded.
SET LOCAL lock_timeout = '20ms'
