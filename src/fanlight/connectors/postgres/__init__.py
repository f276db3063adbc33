"""PostgreSQL: its statements, its reader, its least script. See README.md beside this file."""
