export interface ContainerBody { Image: string }
