"""People, memberships, roles and sign-in; builds the `Actor` that everything else asks about."""
