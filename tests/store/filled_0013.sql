-- What revision 0013 added, after filled_0001.sql: a paper on a topic's list, one on the public list, votes, and a card.

INSERT INTO submission (list, paper, at, announced_at, removed_at, person, day, name, barred) VALUES
    (2, 1, 1767600000000000, 1767600005000000, NULL, 1, '2026-01-05', 'Ann', FALSE),
    (0, 2, 1767600010000000, NULL, 1767600020000000, NULL, '2026-01-05', '', TRUE);
INSERT INTO vote (list, paper, person, at) VALUES (2, 1, 1, 1767600000000000), (0, 2, 2, 1767600015000000);
INSERT INTO card (destination, message, at, paper) VALUES (2, '77', 1767600006000000, 1);
