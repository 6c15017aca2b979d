-- What people of revision 0007 subscribed to for several places and twice, after filled_0001.sql and filled_0002.sql.

INSERT INTO destination (number, channel, address, kind, title, owner, cadence, zone, quiet, style, paused, created_at, next_due_at, leased_until, lease_owner, hold_until, failures, last_message) VALUES
    (5, 'telegram', '-200', 'group', 'Heat lab', 1, 'daily 08:00', 'UTC', '', 'auto', '', 1767599990000000, NULL, NULL, NULL, NULL, 0, ''),
    (6, 'ntfy', 'ann-papers', 'address', '', 1, 'instant', 'UTC', '', 'auto', '', 1767599990000000, NULL, NULL, NULL, NULL, 0, '');
INSERT INTO subscription (number, person, query, text, name, occasions, cadence, mention, paused, began_at, deleted_at) VALUES
    (5, 2, 3, 'heat', 'Heat', 1, '', '', FALSE, 1767599980000000, NULL),
    (6, 1, 3, 'Heat', '', 4, 'daily 09:00', '', TRUE, 1767599970000000, NULL),
    (7, 1, 1, 'diffusion', '', 2, 'daily 09:00', '<@&77>', FALSE, 1767599960000000, NULL),
    (8, 3, 4, 'cat:cs.CL "large language models" upvotes>=50', 'Theirs', 1, '', '', FALSE, 1767600100000000, NULL),
    (9, 1, 2, 'diffusion models', '', 1, '', '', FALSE, 1767599990000000, 1767600170000000),
    (10, 1, 3, 'heat', '', 1, '', '', FALSE, 1767599990000000, NULL);
INSERT INTO subscription_destination (destination, subscription, query, began_at, wants, next_slot_at) VALUES
    (2, 5, 3, 1767599980000000, 9, NULL),
    (4, 5, 3, 1767599980000000, 9, NULL),
    (5, 5, 3, 1767599980000000, 9, 1767686400000000),
    (4, 6, 3, 1767599970000000, 0, 1767690000000000),
    (1, 7, 1, 1767599960000000, 10, 1767690000000000),
    (6, 7, 1, 1767599960000000, 10, 1767690000000000),
    (4, 8, 4, 1767600100000000, 9, NULL),
    (4, 9, 2, 1767599990000000, 0, NULL),
    (5, 9, 2, 1767599990000000, 0, NULL),
    (6, 10, 3, 1767599990000000, 9, NULL);
INSERT INTO undo (due_at, subscription, destination, paper, occasion) VALUES
    (1767600050000000, 9, 4, 2, 0),
    (1767600050000000, 9, 5, 1, 0);
INSERT INTO mute (number, destination, kind, value, created_at) VALUES
    (2, 4, 'subscription', '8', 1767600110000000),
    (3, 5, 'subscription', '5', 1767600110000000),
    (4, 3, 'subscription', '8', 1767600110000000);
INSERT INTO feed (number, person, subscription, generation, token_hash, created_at) VALUES
    (2, 3, NULL, 1, 'all of 3', 1767599990000000),
    (3, 3, 8, 1, 'number 8', 1767599990000000),
    (4, 1, NULL, 1, 'all of 1', 1767599990000000),
    (5, 1, 6, 1, 'number 6', 1767599990000000),
    (6, 2, 5, 1, 'number 5', 1767599990000000),
    (7, 1, 7, 1, 'number 7', 1767599990000000),
    (8, 1, 1, 1, 'number 1', 1767599990000000);
INSERT INTO delivery (due_at, settled_at, destination, paper, occasion, state, attempts) VALUES
    (1767600110000000, 1767600110000000, 4, 2, 0, 1, 0),
    (1767686400000000, NULL, 5, 2, 0, 0, 0),
    (1767600050000000, 1767600110000000, 2, 2, 0, 1, 0);
