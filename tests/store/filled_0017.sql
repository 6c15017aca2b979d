-- What revision 0017 added: a library that is read, and one whose key was refused.

INSERT INTO library (person, name, sealed, version, failures, added_at, read_at, next_at) VALUES
    (1, 'users/5', 'sealed', 12, 0, 1767600000000000, 1767600050000000, 1767690000000000),
    (1, 'groups/7', '', 0, 1, 1767600000000000, NULL, 1767600050000000);
