-- What revision 0018 added: a paper of an imported library that is still to be looked up.

INSERT INTO lookup (person, paper, added_at, next_at) VALUES
    (1, '2601.09999', 1767600000000000, 1767603600000000);
