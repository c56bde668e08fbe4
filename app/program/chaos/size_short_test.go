//go:build linux && !chaos

package chaos

// The short form: what `make test` has time for.
const (
	killWorlds        = 1
	killsPerWorld     = 50
	digestWorlds      = 0
	powerWorlds       = 1
	cutsPerWorld      = 4
	weatherWorlds     = 1
	clockWorlds       = 1
	fullWorlds        = 1
	stormWorlds       = 1
	stormKills        = 8
	stormDigestWorlds = 1
	stormDigestKills  = 5
	stormPowerWorlds  = 1
	stormCuts         = 2
	stormFullWorlds   = 1
)
