//go:build linux && chaos

package chaos

// The long form. A world's events are so few that they stay below the hundred
// an hour that Teams takes.
const (
	killWorlds        = 18
	killsPerWorld     = 50
	digestWorlds      = 2
	powerWorlds       = 10
	cutsPerWorld      = 20
	weatherWorlds     = 20
	clockWorlds       = 20
	fullWorlds        = 10
	stormWorlds       = 10
	stormKills        = 15
	stormDigestWorlds = 4
	stormDigestKills  = 12
	stormPowerWorlds  = 4
	stormCuts         = 8
	stormFullWorlds   = 4
)
