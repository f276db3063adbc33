"""The isolation of organizations: the organization row, row security, the setting of a transaction."""
