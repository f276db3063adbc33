-- Wait at most half a second on a table that somebody has locked, until the next return to the mark.
SET LOCAL lock_timeout = '500ms'
