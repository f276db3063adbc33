"""The promises of the security policy, the controls that prove them, and what they found."""
