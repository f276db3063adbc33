"""Pure rules and types: no input or output, no clock, no Django."""
