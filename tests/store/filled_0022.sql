-- What revision 0022 added: what a reader ended by the link in a message.

INSERT INTO departure (destination, subscription, left_at, paused) VALUES
    (1, 0, 1767600000000000, '');
