-- What revision 0020 added: what came back from a place.

INSERT INTO bounce (destination, days, reason, probe_at, probed_at, probes) VALUES
    (1, '2026-01-05 2026-01-06', '', NULL, NULL, 0);
