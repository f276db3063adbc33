"""What the sources hold: assets, their columns, their estimates."""
