-- What revision 0002 added, after filled_0001.sql: one delivery that was given up, one that may have arrived.

UPDATE destination SET asked_until = 1767600180000000 WHERE number = 1;
INSERT INTO failure (first_at, last_at, notified_at, destination, paper, occasion, unknowns, reason) VALUES
    (1767600050000000, 1767600050000000, NULL, 1, 2, 0, 0, 'Bad Request: chat not found'),
    (1767600170000000, 1767600170000000, NULL, 1, 4, 0, 1, 'no answer');
