-- Mark the place to which a refused or waiting statement is rolled back.
SAVEPOINT fanlight
