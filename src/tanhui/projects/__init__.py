"""From land to issuance: parcels, uniqueness, pool, project cycle, monitoring, verification, benefit sharing."""
