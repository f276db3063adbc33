"""Sources: one folder per kind, with its statements, its reader, its permission script. No Django here."""
