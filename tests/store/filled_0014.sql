-- A meeting of the topic with one talk and its reminders, after filled_0001.sql.

INSERT INTO agenda (destination, cadence, zone, papers, minutes, generation) VALUES
    (4, 'weekly fri 15:00', 'Europe/Berlin', 3, 60, 1);
INSERT INTO meeting (number, destination, slot_at, begins_at, ends_at, zone, uid, sequence, changed_at, frozen_at, cancelled_at) VALUES
    (1, 4, 1767967200000000, 1767967200000000, 1767970800000000, 'Europe/Berlin', '0b9d4a52-6a0e-4a41-9b7e-0d6c7c5f3a11', 2, 1767600170000000, 1767600170000000, NULL);
INSERT INTO talk (meeting, paper, ordinal, votes, presenter) VALUES
    (1, 1, 1, 2, 4),
    (1, 2, 2, 1, NULL);
INSERT INTO reminder (meeting, kind, destination, due_at, settled_at, attempts) VALUES
    (1, 1, 4, 1767880800000000, 1767880801000000, 0),
    (1, 2, 4, 1767963600000000, NULL, 0),
    (1, 3, 4, 1767970800000000, NULL, 0);
