/** Version of the agent, as births tell it. */
export const agentVersion = '0.1.0'
